#!/bin/sh
set -eu
# Packages, time and users, as a role would set them up.
timedatectl set-ntp true
useradd --system --create-home miner || true
