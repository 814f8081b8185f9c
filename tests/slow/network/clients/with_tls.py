import ssl
import sys
import urllib.error
import urllib.request


def ask(address, context):
    try:
        with urllib.request.urlopen(f"https://{address}/hello", context=context) as answer:
            return answer.read()
    except urllib.error.URLError as error:
        return type(error.reason).__name__


ca, *addresses = sys.argv[1:]
unchecked = ssl.create_default_context()
unchecked.check_hostname = False
unchecked.verify_mode = ssl.CERT_NONE
nameless = ssl.create_default_context(cafile=ca)
nameless.check_hostname = False
print("Content-Type: text/plain\n")
for address in addresses:
    contexts = ssl.create_default_context(cafile=ca), nameless, unchecked, ssl.create_default_context()
    print(*(ask(address, context) for context in contexts))
