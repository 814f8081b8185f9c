import random

random.seed(42)
print(random.random(), random.randrange(1000), random.sample(range(100), 5), random.choices("abc", k=3), random.gauss(0, 1))
print(random.Random("text").random(), random.getstate()[0], random.gauss(0, 1))
