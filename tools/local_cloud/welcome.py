"""What the newcomer reads when the local cloud is up."""

import json

from tools.local_cloud.demo import POSTPAID_CUSTOMER, PRODUCTS

UNITS = 250


def welcome(billing_url: str, api_key: str, remark: str) -> str:
    """Return the address, the key, a remark on them, and three curl lines that tell the story."""
    usage = json.dumps(
        {"customerId": POSTPAID_CUSTOMER, "productId": PRODUCTS[0]["id"], "units": UNITS}
    )
    authorization = f"-H 'Authorization: Bearer {api_key}'"
    return f"""
  Address  {billing_url}
  API key  {api_key}
  {remark}

  Record usage:
    curl -s {billing_url}/billing/usage {authorization} \\
      -H 'Content-Type: application/json' -d '{usage}'
  See the balance fall, at most 70 seconds later:
    curl -s {billing_url}/billing/balance/{POSTPAID_CUSTOMER} {authorization}
  Prove that the ledger adds up:
    curl -s {billing_url}/billing/ledger/{POSTPAID_CUSTOMER}/verify {authorization}

  Ctrl-C stops everything and keeps the data.
"""
