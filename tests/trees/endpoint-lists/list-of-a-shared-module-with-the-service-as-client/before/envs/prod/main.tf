module "app" {
  source = "../../modules/app"

  environment = "prod"
  services    = ["sts", "logs"]
}
