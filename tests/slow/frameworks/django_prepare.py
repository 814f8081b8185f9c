import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "site_of_tests.settings"
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create_superuser("ada", "", "lovelace")
print("ready", User.objects.count())
