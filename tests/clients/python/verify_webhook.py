"""Verifies posts of webhooks with the published library, as a receiver does. Reads cases from standard input."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

cases = json.load(sys.stdin)
for case in cases:
    try:
        told = Webhook(case["secret"]).verify(case["body"], case["headers"])
        valid = "changes" in told["data"]
    except WebhookVerificationError:
        valid = False
    if valid != case["valid"]:
        sys.exit(f"expected valid = {case['valid']}: {case}")
print(f"{len(cases)} as expected")
