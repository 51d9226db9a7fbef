"""Access tokens of AWS' IAM for Amazon MSK, signed with the credentials that AWS' own configuration names."""

import time

from worker.errors import SettingError
from worker.kafka.security.tokens import Token
from worker.security_settings import SecuritySettings

_INSTALL = "AWS_MSK_IAM needs the packages of an extra: pip install 'tweet-cascade[msk]'"


def sign_token(settings: SecuritySettings) -> Token:
    """Sign a token.

    Raises:
        SettingError: there are no credentials or no region, or the packages of the extra are missing.

    """
    try:
        from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
        from botocore.session import Session
    except ImportError as error:
        raise SettingError(f"{_INSTALL} ({error})") from None
    try:
        region = settings.sasl_aws_region or Session().get_config_variable("region")
        value, expires_ms = MSKAuthTokenProvider.generate_auth_token(_required(region))
    except SettingError:
        raise
    except Exception as error:
        raise SettingError(
            f"no token for Amazon MSK was signed ({type(error).__name__}: {error}); are AWS credentials configured: "
            "a role of the machine, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile?"
        ) from error
    return Token(value, expires_ms / 1000 - time.time())


def _required(region: str | None) -> str:
    if not region:
        raise SettingError("AWS_MSK_IAM needs the cluster's region: set --sasl-aws-region or AWS_DEFAULT_REGION")
    return region
