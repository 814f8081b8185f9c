import traceback

try:
    import multiprocessing

    print(multiprocessing.cpu_count())
    multiprocessing.Process(target=print).start()
except BaseException:
    print(traceback.format_exc())
