"""What comes from the environment (or a ``.env`` file): secrets, and where the servers are."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_WEBHOOK = "TOCSIN_WEBHOOK_SECRET"


def _webhook_secrets() -> dict[str, SecretStr]:
    known = {**dotenv_values(".env"), **os.environ}
    return {name: SecretStr(value) for name, value in known.items() if name.startswith(_WEBHOOK) and value}


class Environment(BaseSettings):
    """Every value has a default that needs nothing. Secrets are ``SecretStr``: they never show in a log."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True, frozen=True)

    data_dir: Path = Field(Path(".tocsin"), validation_alias="TOCSIN_DATA_DIR")
    database_url: str = Field("", validation_alias="TOCSIN_DATABASE_URL")
    redis_url: str = Field("", validation_alias="TOCSIN_REDIS_URL")
    model: str = Field("", validation_alias="TOCSIN_MODEL")
    precision: str = Field("auto", validation_alias="TOCSIN_PRECISION")
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="TOCSIN_SLACK_API_URL")
    slack_bot_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr = Field(SecretStr(""), validation_alias="SLACK_SIGNING_SECRET")
    last_resort: SecretStr = Field(SecretStr(""), validation_alias="TOCSIN_LAST_RESORT")
    http_host: str = Field("127.0.0.1", validation_alias="TOCSIN_HTTP_HOST")
    http_port: int = Field(0, validation_alias="TOCSIN_HTTP_PORT")
    llm_url: str = Field("", validation_alias="TOCSIN_LLM_URL")
    llm_key: SecretStr = Field(SecretStr(""), validation_alias="TOCSIN_LLM_KEY")
    llm_model: str = Field("", validation_alias="TOCSIN_LLM_MODEL")
    _webhook: dict[str, SecretStr] = PrivateAttr(default_factory=_webhook_secrets)

    @property
    def database(self) -> str:
        """The database's URL: the one given, or a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'tocsin.db'}"

    @property
    def embedded_redis(self) -> bool:
        """True if no Redis is given, so that Tocsin starts its own Valkey server in the data folder."""
        return not self.redis_url

    def webhook_secret(self, source: str) -> str:
        """The secret that signs what is pushed to *source*: its own, or the common one, or an empty string.

        The own one of a source named "App reviews" is ``TOCSIN_WEBHOOK_SECRET_APP_REVIEWS``.
        """
        suffix = re.sub(r"\W+", "_", source).strip("_").upper()
        own = self._webhook.get(f"{_WEBHOOK}_{suffix}") or self._webhook.get(_WEBHOOK)
        return own.get_secret_value() if own else ""
