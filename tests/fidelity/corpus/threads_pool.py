import concurrent.futures, queue, traceback

try:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(pool.submit(pow, 2, 3).result())
except Exception:
    print(traceback.format_exc())
q = queue.Queue()
q.put(1)
print(q.get(), q.qsize())
