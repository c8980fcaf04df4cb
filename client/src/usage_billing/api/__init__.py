"""What follows from the description of the API.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""
