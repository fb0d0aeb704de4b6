"""How people get in: passwords, second factors, passkeys, company accounts, and who is signed in where."""
