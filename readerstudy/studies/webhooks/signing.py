"""Signatures as Standard Webhooks 1.0 has them, for which receivers have libraries.

HMAC-SHA256 over ID.TIMESTAMP.BODY; the secret is 256 random bits, written whsec_ and
base64. `v1,` in front of a signature names the scheme. Source: standardwebhooks.com.
"""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret that nobody has had before."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers_of(
    *, secret: str, public_id: str, seconds: int, body: str
) -> dict[str, str]:
    """The headers that prove who sent a body, and when (seconds since 1970)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{public_id}.{seconds}.{body}".encode()
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return {
        "Webhook-Id": public_id,
        "Webhook-Timestamp": str(seconds),
        "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }
