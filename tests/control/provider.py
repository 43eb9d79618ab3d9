# SPDX-License-Identifier: Apache-2.0
"""A small OpenID provider: discovery, key set, authorization code with PKCE, ID tokens signed by keys of its own (openssl
makes and uses them). What it does wrong is told by `trick`."""

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import secrets
import subprocess
import threading
import time
import urllib.parse

CLIENT, SECRET = "gambeson", "s3cret/with:odd&signs"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Key:
    """An RSA or P-256 key pair in FOLDER."""

    def __init__(self, folder, kid, kind="RSA", bits=2048):
        self.kid, self.kind, self.path = kid, kind, str(pathlib.Path(folder) / f"{kid}-{secrets.token_hex(4)}.pem")
        if kind == "RSA":
            openssl("genrsa", "-out", self.path, str(bits))
            modulus = openssl("rsa", "-in", self.path, "-modulus", "-noout").decode().strip().split("=")[1]
            self.jwk = {"kty": "RSA", "n": b64(bytes.fromhex(modulus)), "e": "AQAB", "kid": kid, "use": "sig"}
        else:
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path)
            point = openssl("ec", "-in", self.path, "-pubout", "-outform", "DER")[-64:]
            self.jwk = {"kty": "EC", "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:]), "kid": kid, "use": "sig"}

    def public_pem(self):
        return openssl("pkey", "-in", self.path, "-pubout")

    def sign(self, data, algorithm):
        digest = f"-sha{algorithm[2:]}"
        if algorithm.startswith("PS"):
            return openssl("dgst", digest, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest", "-sign", self.path, data=data)
        signature = openssl("dgst", digest, "-sign", self.path, data=data)
        if self.kind == "RSA":
            return signature
        # SEQUENCE { INTEGER r, INTEGER s } → r and s of 32 bytes each.
        numbers, at = [], 2
        for _ in range(2):
            numbers.append(int.from_bytes(signature[at + 2:at + 2 + signature[at + 1]], "big"))
            at += 2 + signature[at + 1]
        return b"".join(number.to_bytes(32, "big") for number in numbers)


class Provider:
    def __init__(self, folder):
        self.keys = [Key(folder, "one")]
        self.algorithm, self.claims, self.trick = "RS256", {"sub": "u-1", "preferred_username": "Carla", "groups": ["staff"]}, {}
        self.codes, self.seen, self.odd = {}, [], []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()

    def discovery(self):
        return {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize?prompt=login",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys", **self.trick.get("discovery", {})}

    def token(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims,
                  **self.trick.get("claims", {})}
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.trick.get("key", self.keys[0])
        header = {"alg": self.algorithm, "typ": "JWT", "kid": key.kid, **self.trick.get("header", {})}
        header = {name: value for name, value in header.items() if value is not None}
        text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        if "hmac" in self.trick:
            signature = hmac.new(self.trick["hmac"], text.encode(), hashlib.sha256).digest()
        elif "signature" in self.trick:
            signature = self.trick["signature"]
        else:
            signature = key.sign(text.encode(), self.trick.get("signed by", header["alg"]))
        if "payload" in self.trick:
            text = f"{text.split('.')[0]}.{b64(json.dumps({**claims, **self.trick['payload']}).encode())}"
        return self.trick.get("token", f"{text}.{b64(signature)}")

    def authorize(self, query):
        """What a browser that is sent there comes back with: the path and query of the redirect."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"], **self.trick.get("answer", {})}
        return query["redirect_uri"] + "?" + urllib.parse.urlencode({name: value for name, value in answer.items() if value is not None})

    def change(self, form, authorization):
        pair = base64.b64decode(authorization.split(" ")[1]).decode().split(":")
        if [urllib.parse.unquote_plus(part) for part in pair] != [CLIENT, SECRET]:
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form.get("code"), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if query is None or form["grant_type"] != "authorization_code" or query["code_challenge_method"] != "S256" or \
                query["code_challenge"] != challenge or query["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(query["nonce"])}

    def handler(provider):  # noqa: N805  (the class below has a self of its own)
        class Handler(http.server.BaseHTTPRequestHandler):
            def say(self, status, value, location=None):
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                path = urllib.parse.urlsplit(self.path)
                provider.seen.append(path.path)
                if path.path == "/.well-known/openid-configuration":
                    self.say(200, provider.discovery())
                elif path.path == "/keys":
                    self.say(200, {"keys": [key.jwk for key in provider.keys] + provider.odd})
                else:
                    self.say(404, {})

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                provider.seen.append(self.path)
                if "token answer" in provider.trick:
                    self.say(*provider.trick["token answer"])
                else:
                    self.say(*provider.change(form, self.headers.get("Authorization", "Basic Og==")))

            def log_message(self, *_):
                pass

        return Handler
