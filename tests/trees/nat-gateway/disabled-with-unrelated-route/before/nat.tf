resource "aws_nat_gateway" "main" {
  count = var.on ? 1 : 0

  allocation_id = "eipalloc-1"
  subnet_id     = "subnet-public"
}

resource "aws_route" "out" {
  count = var.on ? 1 : 0

  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[0].id
}

resource "aws_route" "partner" {
  count = var.on ? 1 : 0

  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "192.0.2.0/24"
  gateway_id             = "igw-1"
  nat_gateway_id         = null
}
