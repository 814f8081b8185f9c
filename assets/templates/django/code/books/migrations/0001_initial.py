import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                ("author", models.CharField(max_length=200)),
                (
                    "stars",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="1 to 5, once you have read it",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("added", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["title"],
                "constraints": [models.UniqueConstraint(fields=("title", "author"), name="one_of_each")],
            },
        ),
    ]
