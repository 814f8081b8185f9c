import ssl

print(ssl.OPENSSL_VERSION)
print("ok")
