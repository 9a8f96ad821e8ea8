lr = 0.1
kernel = "rbf"
for epoch in range(3):
    print(f"step: {epoch}")
    print(f"loss: {lr / (epoch + 1)}")
open("weights.txt", "w").write(f"lr={lr}\n")
if lr > 0.5:
    raise SystemExit(3)
