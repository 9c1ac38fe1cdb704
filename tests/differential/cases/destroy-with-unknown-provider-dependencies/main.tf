resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" {
  count = 3
  input = terraform_data.a.id
  lifecycle {
    create_before_destroy = true
  }
}
module "m" {
  source = "./m"
  count  = 2
  x      = terraform_data.b[count.index].id
}
