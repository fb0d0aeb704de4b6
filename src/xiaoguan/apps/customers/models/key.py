"""What else than its name a customer is recognised by."""

from __future__ import annotations

from django.db import models

from xiaoguan.apps.customers.models.customer import Customer


class CustomerKey(models.Model):
    """One telephone number, web domain or credit code of a customer or its contacts, folded and indexed."""

    class Kind(models.TextChoices):
        """What the value is."""

        PHONE = "phone"
        DOMAIN = "domain"
        CODE = "code"

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    value = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["value", "kind"], name="customers_key_value")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"
