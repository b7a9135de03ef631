resource "aws_eip" "nat" {
  count = var.address ? 1 : 0
}

resource "aws_nat_gateway" "main" {
  count = 0

  allocation_id = aws_eip.nat[0].id
  subnet_id     = "subnet-public"
}
