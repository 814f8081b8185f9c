print("Content-Type: text/plain\n\nHello, World!")
