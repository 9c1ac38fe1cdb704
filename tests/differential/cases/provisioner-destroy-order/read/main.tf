output "order" { value = file("../order.txt") }
