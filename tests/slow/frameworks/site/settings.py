SECRET_KEY = "of the tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_of_tests.urls"
INSTALLED_APPS = [f"django.contrib.{name}" for name in "admin auth contenttypes sessions messages".split()] + ["notes"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": ["/code/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/data/site.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# A round of PBKDF2 takes some 20 µs here. The default of a million would take 20 s.
PASSWORD_HASHERS = ["site_of_tests.hashers.FewRounds"]
TIME_ZONE = "UTC"
STATIC_URL = "static/"
LOGGING = {
    "version": 1,
    "handlers": {"log": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["log"], "level": "ERROR"}},
}
