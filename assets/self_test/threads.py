import threading

thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
print("ok")
