"""What Phusion Passenger looks for at the top of an application, and what mod_wsgi is given: `application`.

Source: https://www.phusionpassenger.com/library/walkthroughs/start/python.html
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from ais.wsgi import application

__all__ = ["application"]
