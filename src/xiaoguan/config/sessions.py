"""Sessions in the database, read by one plain statement: every request begins with it."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from xiaoguan.apps.org import sessions
from xiaoguan.apps.org.models import Session


class SessionStore(db.SessionStore):
    """Django's store; building the same query by the ORM for every request costs ten times what the query does.

    Its table also says whose a session is and when it was last seen, so that people find their devices in it.
    """

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def load(self) -> dict[str, Any]:
        """What the session holds, nothing when it is unknown or over."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT session_data FROM {table} WHERE session_key = %s AND expire_date > %s", [self.session_key, now]
            )
            found = cursor.fetchone()
        data = {} if found is None else dict(self.decode(found[0]))
        if found is None or sessions.over(data):
            self._session_key = None
            return {}
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of a session, with the columns that the list of devices reads."""
        row: Session = super().create_model_instance(data)
        for name, value in sessions.columns(data).items():
            setattr(row, name, value)
        return row
