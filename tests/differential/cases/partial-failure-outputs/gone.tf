output "gone" { value = 1 }
output "gone2" { value = terraform_data.bad.input }
