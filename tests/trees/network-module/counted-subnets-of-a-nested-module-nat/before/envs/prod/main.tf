module "net" {
  source = "../../modules/platform"

  name           = "bond-prod"
  private_ranges = []
}
