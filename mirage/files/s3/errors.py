"""What can be wrong with a bucket, each with its remedy."""

from mirage.errors import StorageUnavailable


class S3Away(StorageUnavailable):
    """Check that the S3 server is running, that `s3.endpoint` is right, and that policies let the
    pods reach it; nothing is lost, and work resumes by itself."""

    code = "s3-away"


class S3Refused(StorageUnavailable):
    """Correct the access key and the secret key, or let the key list, read, write and delete in
    the bucket."""

    code = "s3-refused"


class S3BucketMissing(StorageUnavailable):
    """Create the bucket, or correct `s3.bucket` and `s3.endpoint`."""

    code = "s3-bucket-missing"


class S3WrongRegion(StorageUnavailable):
    """Set `s3.region` to the region of the bucket, and `s3.endpoint` to an address in it."""

    code = "s3-wrong-region"


class S3NotTrusted(StorageUnavailable):
    """Trust the certificate authority of the S3 server: name it in `caCertificates` of the chart,
    or in the file SSL_CERT_FILE; or use the name for which the certificate was made."""

    code = "s3-not-trusted"


class ClockSkewed(StorageUnavailable):
    """Set the clock of this machine or of the S3 server, for example by NTP."""

    code = "clock-skewed"


class NoSpaceForCopy(StorageUnavailable):
    """Free space in the folder for temporary files: in the chart, raise `tmpSizeLimit` of API or
    indexer, or give the nodes more space."""

    code = "no-space-for-copy"


BUCKET_ERRORS = (S3Away, S3Refused, S3BucketMissing, S3WrongRegion, S3NotTrusted, ClockSkewed)
"""Errors of every use of a bucket."""
