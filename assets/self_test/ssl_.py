import ssl

print(ssl.OPENSSL_VERSION)
