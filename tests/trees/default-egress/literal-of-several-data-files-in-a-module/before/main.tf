module "app" {
  source = "./APP"

  name       = local.config.name
  vpc_id     = aws_vpc.main.id
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}
