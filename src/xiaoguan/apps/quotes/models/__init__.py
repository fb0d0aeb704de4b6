"""Price books, quotes with their lines, and the versions that were approved or sent."""

from xiaoguan.apps.quotes.models.book import BookCustomer, PriceBook, PriceEntry
from xiaoguan.apps.quotes.models.house import House
from xiaoguan.apps.quotes.models.quote import Quote, QuoteLine, QuoteVersion, Status

__all__ = ["BookCustomer", "House", "PriceBook", "PriceEntry", "Quote", "QuoteLine", "QuoteVersion", "Status"]
