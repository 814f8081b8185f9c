import sys

import redis

host, port = sys.argv[1].split(":")
print("Content-Type: text/plain\n")
with redis.Redis(host, int(port), password="secret", decode_responses=True) as server:
    server.flushall()
    print(server.set("name", "ü"), server.get("name"), server.incr("count"), server.incr("count"))
    with server.pipeline() as pipe:
        for number in range(1000):
            pipe.rpush("list", number)
        print(pipe.execute()[-1], server.lrange("list", -2, -1))
    print(server.set("large", "x" * 1_000_000), len(server.get("large")))
    try:
        server.incr("name")
    except redis.ResponseError as error:
        print(error)
    subscription = server.pubsub()
    subscription.subscribe("news")
    print(subscription.get_message(timeout=5)["type"], server.publish("news", "it works"))
    print(subscription.get_message(timeout=5)["data"], subscription.get_message(timeout=0.05))
try:
    redis.Redis(host, int(port), password="wrong").ping()
except redis.AuthenticationError as error:
    print(type(error).__name__)
