"""The shapes of tokens that betray themselves, whatever they are called.

Each rule has literal marks (``|`` between them) of which every match holds one: a text without is not searched, and a
rule's expression is compiled when a mark is first met. An expression with a group ``s`` means the secret within;
otherwise all of the match is one.
"""

from __future__ import annotations

import re
from functools import cache

EDGE = r"(?<![A-Za-z0-9_])"
STOP = r"(?![A-Za-z0-9_])"

RULES: tuple[tuple[str, str, str], ...] = (
    ("aws-access-key", "AKIA|ASIA|ABIA|ACCA", EDGE + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}" + STOP),
    ("github-token", "ghp_|gho_|ghu_|ghs_|ghr_", EDGE + r"gh[pousr]_[A-Za-z0-9]{36,255}" + STOP),
    ("github-fine-grained", "github_pat_", EDGE + r"github_pat_[A-Za-z0-9_]{50,255}"),
    ("gitlab", "glpat-|gldt-|glrt-|glptt-|glcbt-|glft-|glsoat-|glagent-|glimt-",
     EDGE + r"gl(?:pat|dt|rt|ptt|cbt|ft|soat|agent|imt)-[A-Za-z0-9_-]{20,200}"),
    ("slack-token", "xox", EDGE + r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    ("slack-app", "xapp-", EDGE + r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{32,}"),
    ("slack-webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/(?P<s>[A-Za-z0-9+/]{40,60})"),
    ("google-api", "AIza", EDGE + r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("google-oauth", "GOCSPX-", EDGE + r"GOCSPX-[A-Za-z0-9_-]{28}"),
    ("google-access", "ya29.", EDGE + r"ya29\.[A-Za-z0-9_-]{20,}"),
    ("sk", "sk-", EDGE + r"sk-(?:[a-z]{2,12}[0-9]{0,2}-){0,2}[A-Za-z0-9_-]{20,250}"),
    ("huggingface", "hf_", EDGE + r"hf_[A-Za-z0-9]{30,60}" + STOP),
    ("huggingface-org", "api_org_", EDGE + r"api_org_[A-Za-z0-9]{34}" + STOP),
    ("stripe", "_live_|_test_|_prod_", EDGE + r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{16,99}" + STOP),
    ("stripe-hook", "whsec_", EDGE + r"whsec_[A-Za-z0-9+/]{24,}"),
    ("npm", "npm_", EDGE + r"npm_[A-Za-z0-9]{36}" + STOP),
    ("pypi", "pypi-", EDGE + r"pypi-[A-Za-z0-9_-]{50,1000}"),
    ("jwt", "eyJ", EDGE + r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    ("sendgrid", "SG.", EDGE + r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}"),
    ("mailgun", "key-", EDGE + r"key-[0-9a-f]{32}" + STOP),
    ("mailchimp", "-us", EDGE + r"[0-9a-f]{32}-us[0-9]{1,2}" + STOP),
    ("twilio", "SK", EDGE + r"SK[0-9a-f]{32}" + STOP),
    ("square", "sq0", EDGE + r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,60}"),
    ("shopify", "shp", EDGE + r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}" + STOP),
    ("digitalocean", "_v1_", EDGE + r"do[oprt]_v1_[0-9a-f]{64}" + STOP),
    ("doppler", "dp.", EDGE + r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9.]{40,60}"),
    ("databricks", "dapi", EDGE + r"dapi[0-9a-f]{32}(?:-\d)?" + STOP),
    ("vault", "hvs.", EDGE + r"hvs\.[A-Za-z0-9_-]{24,}"),
    ("vault-batch", "hvb.", EDGE + r"hvb\.[A-Za-z0-9_-]{24,}"),
    ("terraform", ".atlasv1.", EDGE + r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}"),
    ("grafana", "glsa_", EDGE + r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}" + STOP),
    ("grafana-cloud", "glc_", EDGE + r"glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    ("newrelic", "NRAK-", EDGE + r"NRAK-[A-Z0-9]{27}" + STOP),
    ("linear", "lin_api_", EDGE + r"lin_api_[A-Za-z0-9]{40}" + STOP),
    ("notion", "ntn_", EDGE + r"ntn_[A-Za-z0-9]{40,}" + STOP),
    ("postman", "PMAK-", EDGE + r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}" + STOP),
    ("replicate", "r8_", EDGE + r"r8_[A-Za-z0-9]{37}" + STOP),
    ("groq", "gsk_", EDGE + r"gsk_[A-Za-z0-9]{40,60}" + STOP),
    ("xai", "xai-", EDGE + r"xai-[A-Za-z0-9]{60,90}" + STOP),
    ("perplexity", "pplx-", EDGE + r"pplx-[A-Za-z0-9]{40,60}" + STOP),
    ("nvidia", "nvapi-", EDGE + r"nvapi-[A-Za-z0-9_-]{50,80}"),
    ("neptune-comet", "local-", EDGE + r"local-[0-9a-f]{40}" + STOP),
    ("telegram", ":AA", EDGE + r"\d{8,10}:AA[A-Za-z0-9_-]{32,34}"),
    ("discord-hook", "/api/webhooks/", r"/api/webhooks/\d{15,22}/(?P<s>[A-Za-z0-9_-]{60,70})"),
    ("azure-storage", "AccountKey=", r"AccountKey=(?P<s>[A-Za-z0-9+/]{40,90}={0,2})"),
    ("age", "AGE-SECRET-KEY-", EDGE + r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("atlassian", "ATATT3", EDGE + r"ATATT3[A-Za-z0-9_=-]{50,250}"),
    ("bearer", "earer ", r"(?i:\bbearer )\s*(?P<s>[A-Za-z0-9._~+/=-]{12,})"),
    ("authorization", "uthorization",
     r"(?i:\bauthorization[\"']?\s*[:=]\s*[\"']?(?:basic|token|apikey|digest) )\s*(?P<s>[^\s\"',]{6,})"),
    ("basic-userinfo", "://", r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/@:\"'<>]{0,256}:(?P<s>[^\s/\"'<>]{1,512})@"),
    ("token-userinfo", "://", r"\bhttps?://(?P<s>[A-Za-z0-9_.~%-]{20,})@"),
)  # fmt: skip

RANDOM = frozenset({"sk", "token-userinfo", "bearer"})
"""Rules whose match must also look random: the shape alone may be a word."""

PEM = r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?P<s>[\s\S]{1,20000}?)(?:-----END |\Z)"
PEM_LINE = r"(?m)^([+\- ]?[ \t]*)([A-Za-z0-9+/=]{8,})"
"""A line of a key, perhaps in a patch: its first sign is kept."""
PEM_MARK = "PRIVATE KEY"

MARKS = tuple((mark, name) for name, marks, _ in RULES for mark in marks.split("|"))
PATTERNS = {name: pattern for name, _, pattern in RULES}


@cache
def expression(text: str) -> re.Pattern[str]:
    """The compiled expression."""
    return re.compile(text)


def rules_for(text: str) -> list[str]:
    """The names of the rules that may match somewhere in ``text``."""
    found = [name for mark, name in MARKS if mark in text]
    return list(dict.fromkeys(found)) if len(found) > 1 else found
