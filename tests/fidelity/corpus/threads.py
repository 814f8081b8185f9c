#: exit 1
#: stderr RuntimeError: can't start new thread
import _thread, threading

print(threading.current_thread(), threading.main_thread().is_alive(), threading.active_count(), threading.enumerate())
print(threading.main_thread().ident == _thread.get_ident() == threading.get_ident(), threading.get_native_id() if hasattr(threading, "get_native_id") else "")
lock = threading.Lock()
with lock:
    print(lock.acquire(blocking=False), lock.locked())
event = threading.Event()
event.set()
print(event.wait(1), threading.local().__dict__)
threading._register_atexit(print, "threading's own exit")
threading.Thread(target=print, args=("never",)).start()
