#!/bin/sh
# Writes guild/ with Guild AI 0.9: `sh make_guild.sh`, with guildai installed, in an empty directory /srv/lab.
set -e
mkdir -p guild work
cd work
cat >train.py <<'END'
lr = 0.1
kernel = "rbf"
for epoch in range(3):
    print(f"step: {epoch}")
    print(f"loss: {lr / (epoch + 1)}")
open("weights.txt", "w").write(f"lr={lr}\n")
if lr > 0.5:
    raise SystemExit(3)
END
export GUILD_HOME=/srv/lab/guild
python -m guild.main_bootstrap run -y train.py
python -m guild.main_bootstrap run -y train.py lr=0.9 --tag odd --label large || true
python -m guild.main_bootstrap run -y train.py lr=0.3 --stage
cd ..
rm -rf guild/cache guild/runs/*/.guild/attrs/env guild/runs/*/.guild/attrs/pip_freeze
