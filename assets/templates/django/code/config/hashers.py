from django.contrib.auth.hashers import PBKDF2PasswordHasher


class FewRounds(PBKDF2PasswordHasher):
    """PBKDF2 in less than 100 ms of this interpreter, which has it in Python alone: a round takes 20 µs."""

    iterations = 4_000
