"""What a stored value may demand. A row that an attacker wrote must not stop the server.

Measured on one core of an ordinary server of 2024; each limit is some five seconds of work at most, and several times
what any program sets by itself.
"""

from __future__ import annotations

STORED = 4096  # characters of a stored value; the longest real one, of 389-ds, has about 500
PASSWORD = 4096  # bytes of a password; hashing megabytes of input is an attack
PBKDF2 = 10_000_000  # iterations; Django 6.0 sets 1,200,000, and 2 million SHA-256 iterations take a second
DERIVED = 512  # bytes of a salt or a derived key; each further block of a key costs all iterations again
# Bytes that derived keys have. A shorter key of PBKDF2 or scrypt starts the longer one: a cut value would match.
KEYS = frozenset((16, 20, 24, 32, 48, 64, 256))
SHA_CRYPT = 1_000_000  # rounds; crypt(3)'s default is 5000, passlib's was 656,000; long passwords cost far more
SHA1_CRYPT = 5_000_000  # rounds; NetBSD's default is about 24,680, passlib's 480,000
SUN_MD5 = 200_000  # rounds; Solaris adds 4096 to what is written and its default is 0
BSDI = 1_000_000  # rounds; BSD/OS sets 725, passlib 5001
BCRYPT = 16  # the logarithm: 10 to 12 is usual, 16 takes 4 s
PHPASS = 19  # the logarithm of MD5 or SHA-512 rounds: WordPress 13, Drupal 15 or 16
MEMORY = 1 << 29  # bytes, of Argon2, scrypt and yescrypt; 64 to 256 MiB is usual, and logins run side by side
MEMORY_PASSES = 1 << 32  # memory times passes: 4 GiB written is about 3 s; libsodium's "sensitive" is as much
LANES = 64  # parallelism of Argon2 and scrypt; each lane of Argon2 is a thread
LOOPS = 1_000_000  # rounds of hashes that are looped here in Python, 1 us each
