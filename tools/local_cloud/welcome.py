"""What the newcomer reads when the local cloud is up."""

import json

from tools.local_cloud.demo import POSTPAID_CUSTOMER, PRODUCTS

UNITS = 250


def console_url(billing_url: str) -> str:
    """Return where the console of an API is."""
    return f"{billing_url}/console"


def sign_in_link(billing_url: str, api_key: str) -> str:
    """Return a link that opens the console signed in.

    The key stands behind the #, which no browser sends, and the page takes it out of the address.
    """
    return f"{console_url(billing_url)}#key={api_key}"


def welcome(billing_url: str, api_key: str, remark: str) -> str:
    """Return the console's address and a link that signs in, the API's address and key, a remark on
    them, and three curl lines that tell the story.
    """
    usage = json.dumps(
        {"customerId": POSTPAID_CUSTOMER, "productId": PRODUCTS[0]["id"], "units": UNITS}
    )
    authorization = f"-H 'Authorization: Bearer {api_key}'"
    return f"""
  Console  {console_url(billing_url)}
  Sign in  {sign_in_link(billing_url, api_key)}

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
