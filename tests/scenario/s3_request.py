"""One request to an S3 gateway, signed as AWS Signature Version 4 asks."""
import datetime
import hashlib
import hmac
import urllib.error
import urllib.parse
import urllib.request


def s3_request(endpoint, access, secret, method, path, query="", body=b""):
    """Returns (status, body)."""
    host = endpoint.split("://")[1]
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    asked = "&".join(sorted(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}" for k, v in pairs))
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    signed = ";".join(headers)
    canonical = "\n".join([method, path, asked, *(f"{k}:{v}" for k, v in headers.items()), "", signed, digest])
    scope = f"{stamp[:8]}/default/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={signed}, Signature={signature}"
    request = urllib.request.Request(f"{endpoint}{path}" + (f"?{asked}" if asked else ""), method=method, headers=headers,
                                     data=body if method in ("PUT", "POST") else None)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()
