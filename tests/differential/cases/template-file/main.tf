output "t" { value = templatefile("${path.module}/t.tftpl", { names = ["a", "b"], port = 80 }) }
output "s" { value = templatestring(local.t, { x = "y" }) }
locals { t = "<$${x}>" }
