resource "terraform_data" "kept" { input = "k" }
resource "terraform_data" "forgotten" { input = "f" }
resource "terraform_data" "destroyed" { input = "d" }
module "m" {
  source = "./m"
}
