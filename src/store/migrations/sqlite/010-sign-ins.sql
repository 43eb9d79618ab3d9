-- Sign-ins at an OpenID provider that have been begun.
CREATE TABLE sign_ins (
  state BLOB PRIMARY KEY, browser BLOB NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL, expires INTEGER NOT NULL
) STRICT;
