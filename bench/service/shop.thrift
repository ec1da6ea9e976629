// A service of 60 methods for the benchmark: six for each of ten kinds of records.
namespace js shop

exception NotFound {
  1: i64 id,
}

struct Line {
  1: i64 product,
  2: i32 quantity,
  3: double price,
}

struct Customer {
  1: i64 id,
  2: string name,
  3: string email,
  4: bool isActive,
  5: i64 createdAt,
}

struct Address {
  1: i64 id,
  2: i64 customer,
  3: string street,
  4: string city,
  5: string postalCode,
  6: string country,
}

struct Product {
  1: i64 id,
  2: string title,
  3: string description,
  4: double price,
  5: list<string> tags,
}

struct Stock {
  1: i64 id,
  2: i64 product,
  3: i32 available,
  4: i32 reserved,
}

struct Basket {
  1: i64 id,
  2: i64 customer,
  3: list<Line> lines,
  4: i64 changedAt,
}

struct Order {
  1: i64 id,
  2: i64 customer,
  3: list<Line> lines,
  4: double total,
  5: i32 status,
}

struct Payment {
  1: i64 id,
  2: i64 order,
  3: double amount,
  4: string currency,
  5: string reference,
}

struct Shipment {
  1: i64 id,
  2: i64 order,
  3: string carrier,
  4: string trackingNumber,
  5: i64 sentAt,
}

struct Coupon {
  1: i64 id,
  2: string code,
  3: i32 percent,
  4: i64 validUntil,
}

struct Review {
  1: i64 id,
  2: i64 product,
  3: i64 customer,
  4: i32 stars,
  5: string text,
}

service Shop {
  i64 createCustomer(1: Customer customer),
  Customer getCustomer(1: i64 id) throws (1: NotFound notFound),
  list<Customer> listCustomers(1: i32 first, 2: i32 count),
  void updateCustomer(1: Customer customer) throws (1: NotFound notFound),
  i32 countCustomers(),
  void removeCustomer(1: i64 id) throws (1: NotFound notFound),

  i64 createAddress(1: Address address),
  Address getAddress(1: i64 id) throws (1: NotFound notFound),
  list<Address> listAddresses(1: i32 first, 2: i32 count),
  void updateAddress(1: Address address) throws (1: NotFound notFound),
  i32 countAddresses(),
  void removeAddress(1: i64 id) throws (1: NotFound notFound),

  i64 createProduct(1: Product product),
  Product getProduct(1: i64 id) throws (1: NotFound notFound),
  list<Product> listProducts(1: i32 first, 2: i32 count),
  void updateProduct(1: Product product) throws (1: NotFound notFound),
  i32 countProducts(),
  void removeProduct(1: i64 id) throws (1: NotFound notFound),

  i64 createStock(1: Stock stock),
  Stock getStock(1: i64 id) throws (1: NotFound notFound),
  list<Stock> listStocks(1: i32 first, 2: i32 count),
  void updateStock(1: Stock stock) throws (1: NotFound notFound),
  i32 countStocks(),
  void removeStock(1: i64 id) throws (1: NotFound notFound),

  i64 createBasket(1: Basket basket),
  Basket getBasket(1: i64 id) throws (1: NotFound notFound),
  list<Basket> listBaskets(1: i32 first, 2: i32 count),
  void updateBasket(1: Basket basket) throws (1: NotFound notFound),
  i32 countBaskets(),
  void removeBasket(1: i64 id) throws (1: NotFound notFound),

  i64 createOrder(1: Order order),
  Order getOrder(1: i64 id) throws (1: NotFound notFound),
  list<Order> listOrders(1: i32 first, 2: i32 count),
  void updateOrder(1: Order order) throws (1: NotFound notFound),
  i32 countOrders(),
  void removeOrder(1: i64 id) throws (1: NotFound notFound),

  i64 createPayment(1: Payment payment),
  Payment getPayment(1: i64 id) throws (1: NotFound notFound),
  list<Payment> listPayments(1: i32 first, 2: i32 count),
  void updatePayment(1: Payment payment) throws (1: NotFound notFound),
  i32 countPayments(),
  void removePayment(1: i64 id) throws (1: NotFound notFound),

  i64 createShipment(1: Shipment shipment),
  Shipment getShipment(1: i64 id) throws (1: NotFound notFound),
  list<Shipment> listShipments(1: i32 first, 2: i32 count),
  void updateShipment(1: Shipment shipment) throws (1: NotFound notFound),
  i32 countShipments(),
  void removeShipment(1: i64 id) throws (1: NotFound notFound),

  i64 createCoupon(1: Coupon coupon),
  Coupon getCoupon(1: i64 id) throws (1: NotFound notFound),
  list<Coupon> listCoupons(1: i32 first, 2: i32 count),
  void updateCoupon(1: Coupon coupon) throws (1: NotFound notFound),
  i32 countCoupons(),
  void removeCoupon(1: i64 id) throws (1: NotFound notFound),

  i64 createReview(1: Review review),
  Review getReview(1: i64 id) throws (1: NotFound notFound),
  list<Review> listReviews(1: i32 first, 2: i32 count),
  void updateReview(1: Review review) throws (1: NotFound notFound),
  i32 countReviews(),
  void removeReview(1: i64 id) throws (1: NotFound notFound),
}
