# The wheels that Lambda's Python 3.13 takes on this processor; it runs on Amazon Linux 2023.
WHEELS := manylinux_2_34_aarch64 manylinux_2_28_aarch64 manylinux_2_17_aarch64 manylinux2014_aarch64
