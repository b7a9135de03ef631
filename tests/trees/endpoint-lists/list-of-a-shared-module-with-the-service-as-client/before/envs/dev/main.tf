module "app" {
  source = "../../modules/app"

  environment = "dev"
  services    = ["sts", "logs"]
}
