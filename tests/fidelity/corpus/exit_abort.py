#: trap wasm `unreachable` instruction executed
import os

print("lost")
os.abort()
