# The wheels that Lambda's Python 3.13 takes on this processor; it runs on Amazon Linux 2023.
WHEELS := manylinux_2_34_x86_64 manylinux_2_28_x86_64 manylinux_2_17_x86_64 manylinux2014_x86_64
