resource "terraform_data" "a" { input = { a = 1, b = [true, null] } }
output "x" { value = terraform_data.a.output.a }
